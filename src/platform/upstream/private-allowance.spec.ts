import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../config/load-config.js';
import { PrivateAllowance } from './private-allowance.js';
import { parseAddress } from './public-address.js';

function allows(setting: string, address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(`${address} is no address.`);
  return new PrivateAllowance(setting).allowsAddress(parsed);
}

describe('PrivateAllowance', () => {
  it.each(['false', '', ' False '])('allows nothing for "%s"', (setting) => {
    expect(allows(setting, '127.0.0.1')).toBe(false);
    expect(new PrivateAllowance(setting).allowsHost('127.0.0.1', 80)).toBe(false);
  });

  it('allows everything for "true"', () => {
    expect(allows('true', '127.0.0.1')).toBe(true);
    expect(new PrivateAllowance('true').allowsHost('localhost', 1)).toBe(true);
  });

  it('allows the addresses of a range and no others, also as IPv4 inside IPv6', () => {
    expect(allows('10.1.0.0/16, fd00::/8', '10.1.2.3')).toBe(true);
    expect(allows('10.1.0.0/16, fd00::/8', '::ffff:10.1.2.3')).toBe(true);
    expect(allows('10.1.0.0/16, fd00::/8', 'fd12::1')).toBe(true);
    expect(allows('10.1.0.0/16, fd00::/8', '10.2.0.0')).toBe(false);
    expect(allows('10.1.0.0/16, fd00::/8', 'fc00::1')).toBe(false);
  });

  it('allows a host only with its port', () => {
    const allowance = new PrivateAllowance('127.0.0.1:4120,[::1]:80,Ollama.internal.:11434');
    expect(allowance.allowsHost('127.0.0.1', 4120)).toBe(true);
    expect(allowance.allowsHost('[::1]', 80)).toBe(true);
    expect(allowance.allowsHost('ollama.internal', 11434)).toBe(true);
    expect(allowance.allowsHost('127.0.0.1', 4121)).toBe(false);
    expect(allowance.allowsHost('127.0.0.2', 4120)).toBe(false);
    expect(allowance.allowsHost('localhost', 4120)).toBe(false);
  });

  it.each([
    'yes',
    '10.0.0.5',
    '10/8',
    '10.0.0.0/33',
    'host',
    'host:0',
    'host:65536',
    '::1:80',
    'http://h:80',
    'a b:80',
    'h:80/x',
    '*:80',
    'true,10.0.0.0/8',
    '999.0.0.1:80',
  ])('refuses "%s" with a line that names the setting and the entry', (setting) => {
    const entry = setting.split(',')[0] ?? '';
    expect(() => new PrivateAllowance(setting)).toThrow(ConfigError);
    expect(() => new PrivateAllowance(setting)).toThrow(
      `GT_ALLOW_PRIVATE_UPSTREAMS must be false, true, or a list of host:port or CIDR; "${entry}" is neither.`,
    );
  });

  it('names every bad entry', () => {
    expect(() => new PrivateAllowance('one, 10.0.0.0/8, two')).toThrow(/"one" is neither\.[^]*"two" is neither\./);
  });
});
