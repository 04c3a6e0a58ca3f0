import { describe, expect, it } from '@jest/globals';
import { isProxyAddress } from './proxy-address.js';

describe('the address of a proxy', () => {
  it.each([
    '93.184.216.34',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '100.64.0.1',
    '::1',
    'fd12::1',
    '2606:2800::1',
  ])('may be %s', (address) => expect(isProxyAddress(address)).toBe(true));

  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '2002:a9fe:a9fe::1',
    'proxy.example.com',
    '2852039166',
    '',
  ])('is never %s', (address) => expect(isProxyAddress(address)).toBe(false));
});
