import { describe, expect, it } from '@jest/globals';
import { traitsOf } from './model-traits.js';

describe('traitsOf', () => {
  it.each([
    ['claude-3-haiku-20240307', { thinking: 'none', takesSampling: true, bindsSchemas: false, maxTokens: 4096 }],
    ['claude-3-5-sonnet-20241022', { thinking: 'none', bindsSchemas: false, maxTokens: 8192 }],
    ['claude-3.7-sonnet', { thinking: 'budget', bindsSchemas: false, maxTokens: 16_384 }],
    ['claude-opus-4-20250514', { thinking: 'budget', bindsSchemas: false }],
    ['claude-opus-4-1-20250805', { thinking: 'budget', bindsSchemas: true }],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', { thinking: 'budget', bindsSchemas: true, takesSampling: true }],
    ['anthropic/claude-haiku-4.5', { thinking: 'budget', bindsSchemas: true }],
    ['claude-opus-4-6', { thinking: 'effort', off: 'absent', hasExtraHigh: false, takesSampling: true }],
    ['claude-opus-4-8[1m]', { thinking: 'effort', off: 'absent', hasExtraHigh: true, takesSampling: false }],
    ['claude-sonnet-5', { thinking: 'effort', off: 'disabled', takesSampling: false }],
    ['claude-sonnet-5-5', { thinking: 'effort', off: 'between_tools', takesSampling: false }],
    ['claude-haiku-5-5', { thinking: 'effort', off: 'disabled', takesSampling: false }],
    ['claude-opus-5-5', { thinking: 'effort', off: 'never' }],
    ['claude-fable-5', { thinking: 'effort', off: 'never', takesSampling: false }],
    ['fast', { thinking: 'effort', takesSampling: true, bindsSchemas: true, maxTokens: 16_384 }],
  ])('reads the version of %s', (model, traits) => expect(traitsOf(model)).toMatchObject(traits));
});
