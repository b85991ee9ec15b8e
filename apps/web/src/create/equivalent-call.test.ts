import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiCall, commandLine } from './equivalent-call.ts';

describe('the equivalent of the form', () => {
  it('writes a short command for a short form', () => {
    assert.equal(
      commandLine({ name: 'web1', source: { image: 'debian/13' }, profiles: ['default'] }),
      'longshore launch debian/13 web1',
    );
  });

  it('names every choice, quoted for a shell', () => {
    const line = commandLine({
      name: 'db1',
      type: 'virtual-machine',
      source: { image: '24.04', server: 'https://images.example/releases', protocol: 'simplestreams' },
      placement: { labels: { site: 'north wing' } },
      limits: { cpu: '2', memory: '2GiB' },
      cloudInit: { userData: '#cloud-config\n' },
      labels: { env: 'test' },
      description: "Anna's database",
      project: 'shop',
      lxdProject: 'lab',
      profiles: [],
      protected: true,
      start: false,
    });
    assert.equal(
      line,
      "longshore create 24.04 db1 --host-label 'site=north wing' --vm --cpu 2 --memory 2GiB --no-profiles " +
        '--cloud-init user-data.yaml --image-server https://images.example/releases --image-protocol simplestreams ' +
        "--label env=test --description 'Anna'\\''s database' --project shop --lxd-project lab --protect",
    );
  });

  it('never puts the token into the request to copy', () => {
    const body = { name: 'web1', source: { image: 'x' }, description: "it's" };
    const call = apiCall('https://cloud.example', body, (more) => `${more} more`);
    assert.match(call, /\$LONGSHORE_TOKEN/);
    const long = { ...body, cloudInit: { userData: 'x'.repeat(10_000) } };
    assert.match(
      apiCall('', long, (more) => `${more} more`),
      /x\\n8000 more/,
    );
    assert.match(call, /"description": "it'\\''s"/);
  });
});
