import assert from 'node:assert/strict';
import { it } from 'node:test';
import { profilesOf } from './apparmor.ts';

it('picks the AppArmor profiles of one testbed, and of nobody else', () => {
  const lines = [
    '/usr/sbin/dnsmasq (enforce)',
    '/usr/sbin/dnsmasq//libvirt_leaseshelper (enforce)',
    'lxd-c1_</var/lib/lxd> (enforce)',
    'lxd-c1_</var/lib/lbed/a/h1/d> (enforce)',
    'lxd-c1_</var/lib/lbed/a/h1/d>//&unconfined (enforce)',
    'incus_dnsmasq-incusbr0_</var/lib/lbed/a/h2/d> (enforce)',
    'lxd-c1_</var/lib/lbed/ab/h1/d> (enforce)',
    '',
  ];
  assert.deepEqual(profilesOf('/var/lib/lbed/a', lines), [
    'lxd-c1_</var/lib/lbed/a/h1/d>',
    'incus_dnsmasq-incusbr0_</var/lib/lbed/a/h2/d>',
  ]);
});
