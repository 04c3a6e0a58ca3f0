import { isFields, type Fields } from '../../../../kernel/fields.js';
import { randomBase62 } from '../../../../kernel/ids.js';
import { OpenCalls, type OpenCall } from '../../chunks/open-calls.js';
import type { MadeEvents } from './made-events.js';
import { argumentsOf, callOf, customInputOf, itemPlace, noArguments, type OpenToolCall } from './open-items.js';
import type { NamedTool } from './tool-names.js';

/** Tells the calls of tools while their arguments come. They may interleave; they become whole in their order at the end. */
export class MadeCalls {
  private readonly read = new OpenCalls();
  private readonly open = new Map<OpenCall, OpenToolCall>();

  /**
   * @param names what the provider's functions stand for.
   * @param onBegin told before the item of a call begins.
   */
  constructor(
    private readonly events: MadeEvents,
    private readonly names: ReadonlyMap<string, NamedTool>,
    private readonly onBegin: (callId: string, call: OpenCall) => void,
  ) {}

  /** The calls that have begun, with the ids that clients answer them by. */
  get begun(): readonly OpenToolCall[] {
    return [...this.open.values()];
  }

  /** Takes the calls of a message or of a delta. @param whole it is a message: each call is one by itself. */
  take({ tool_calls: calls, function_call: legacy }: Fields, whole: boolean): void {
    const grown = Array.isArray(calls) ? this.read.add(calls as unknown[], whole) : [];
    if (isFields(legacy)) grown.push(this.read.addFunction(legacy));
    for (const { call } of grown) this.grow(call);
  }

  /** Makes all of them whole. @param isCut the answer ended before all was said. */
  close(isCut: boolean): void {
    for (const open of this.open.values()) this.closeCall(open, isCut);
    this.open.clear();
  }

  private grow(call: OpenCall): void {
    if (call.name === '') return;
    const open = this.open.get(call) ?? this.begin(call);
    if (open.tool.isCustom === true) return;
    // One chunk may hold several pieces of a call, which are together by now.
    const delta = call.input.slice(open.told);
    open.told = call.input.length;
    if (delta !== '') this.events.tell('response.function_call_arguments.delta', { ...itemPlace(open), delta });
  }

  private begin(call: OpenCall): OpenToolCall {
    const callId = call.id === '' ? `call_${randomBase62(24)}` : call.id;
    this.onBegin(callId, call);
    const tool = this.names.get(call.name) ?? { name: call.name };
    const type = tool.isCustom === true ? 'custom_tool_call' : 'function_call';
    const open = { ...this.events.open(type), call, callId, tool, told: 0 };
    this.open.set(call, open);
    this.events.added(open, callOf(open, '', 'in_progress'));
    return open;
  }

  private closeCall(open: OpenToolCall, isCut: boolean): void {
    const { call, tool } = open;
    if (tool.isCustom === true) {
      const input = customInputOf(call.input);
      if (input !== '') this.events.tell('response.custom_tool_call_input.delta', { ...itemPlace(open), delta: input });
      this.events.tell('response.custom_tool_call_input.done', { ...itemPlace(open), input });
    } else {
      // A function without parameters is called with none, for which some providers write nothing at all.
      if (call.input === '' && tool.takesNothing === true)
        this.events.tell('response.function_call_arguments.delta', { ...itemPlace(open), delta: noArguments });
      const told = { name: tool.name, arguments: argumentsOf(open) };
      this.events.tell('response.function_call_arguments.done', { ...itemPlace(open), ...told });
    }
    this.events.whole(open, callOf(open, argumentsOf(open), isCut ? 'incomplete' : 'completed'));
  }
}
