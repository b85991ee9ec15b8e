import { after, before, describe } from 'node:test';
import { catalogueContract } from './contract-catalogue.ts';
import { copyContract } from './contract-copies.ts';
import { instanceContract } from './contract-instances.ts';
import { type ContractSubject, Trial } from './contract-subject.ts';
import { trustContract } from './contract-trust.ts';

/**
 * What Longshore relies on in an LXD or Incus host, as one suite for real and simulated ones. Where a real host
 * disagrees, the simulation (or the suite) is wrong.
 */
export function describeContract(label: string, open: () => Promise<ContractSubject>): void {
  // one after another, whatever the parent says: lists are compared whole
  describe(label, { concurrency: 1 }, () => {
    let subject: ContractSubject | null = null;
    const opened: { trial: Trial | null } = { trial: null };
    const trial = (): Trial => {
      if (opened.trial === null) throw new Error(`${label} did not come up`);
      return opened.trial;
    };
    const peer = () => {
      if (subject === null) throw new Error(`${label} did not come up`);
      return subject.peer;
    };
    before(async () => {
      subject = await open();
      opened.trial = await Trial.open(subject.host, 'contract-');
    });
    after(async () => {
      await opened.trial?.close();
      await subject?.close();
    });
    describe('trust', () => trustContract(trial));
    describe('instances', () => instanceContract(trial));
    describe('snapshots, copies and moves', () => copyContract(trial, peer));
    describe('catalogue', () => catalogueContract(trial));
  });
}
