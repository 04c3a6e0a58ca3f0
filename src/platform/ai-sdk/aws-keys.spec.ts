import { describe, expect, it } from '@jest/globals';
import { awsKeysOf, awsRegionOf } from './aws-keys.js';

describe('a token for AWS', () => {
  it.each([
    ['AKIAIOSFODNN7EXAMPLE:wJalr/XUtnF+EMI=', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalr/XUtnF+EMI=' }],
    [
      'ASIAIOSFODNN7EXAMPLE:secret:IQoJb3JpZ2lu/+=',
      { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: 'IQoJb3JpZ2lu/+=' },
    ],
  ])('%s holds keys that sign', (token, keys) => expect(awsKeysOf(token)).toEqual(keys));

  it.each(['', 'bedrock-api-key-YmVkcm9jaw==', 'ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl', 'short:secret', 'AKIAIOSFODNN7EXAMPLE:'])(
    '"%s" holds none',
    (token) => expect(awsKeysOf(token)).toBeUndefined(),
  );
});

describe('the region of an address', () => {
  it.each([
    ['https://bedrock-runtime.eu-central-1.amazonaws.com', 'eu-central-1'],
    ['https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['https://vpce-0a1b-2c3d.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', 'ap-southeast-2'],
    ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['http://127.0.0.1:8080', 'us-east-1'],
    ['https://bedrock.example.com', 'us-east-1'],
  ])('of %s is %s', (baseUrl, region) => expect(awsRegionOf(baseUrl)).toBe(region));
});
