/** What the platform must know of a type of item to store it. */
export interface ItemType {
  /** Of its ids. */
  readonly prefix: string;
  /** Members that an item of this type cannot be without. */
  readonly needs: readonly string[];
  /** Those of them that are texts. */
  readonly texts?: readonly string[];
  /** OpenAI shows a `status` with every item of this type. */
  readonly hasStatus?: true;
}

/** The types of items that OpenAI's description lists, but messages, which have a form of their own. */
export const itemTypes: Readonly<Record<string, ItemType>> = {
  function_call: {
    prefix: 'fc_',
    needs: ['call_id', 'name', 'arguments'],
    texts: ['call_id', 'name', 'arguments'],
    hasStatus: true,
  },
  function_call_output: { prefix: 'fco_', needs: ['call_id', 'output'], texts: ['call_id'], hasStatus: true },
  custom_tool_call: { prefix: 'ctc_', needs: ['call_id', 'name', 'input'], texts: ['call_id', 'name', 'input'] },
  custom_tool_call_output: { prefix: 'ctco_', needs: ['call_id', 'output'], texts: ['call_id'] },
  reasoning: { prefix: 'rs_', needs: ['summary'] },
  file_search_call: { prefix: 'fs_', needs: ['queries'], hasStatus: true },
  web_search_call: { prefix: 'ws_', needs: ['action'], hasStatus: true },
  image_generation_call: { prefix: 'ig_', needs: ['result'], hasStatus: true },
  computer_call: { prefix: 'cu_', needs: ['call_id', 'pending_safety_checks'], texts: ['call_id'], hasStatus: true },
  computer_call_output: { prefix: 'cuo_', needs: ['call_id', 'output'], texts: ['call_id'], hasStatus: true },
  code_interpreter_call: { prefix: 'ci_', needs: ['code', 'container_id', 'outputs'], hasStatus: true },
  local_shell_call: { prefix: 'lsh_', needs: ['call_id', 'action'], texts: ['call_id'], hasStatus: true },
  local_shell_call_output: { prefix: 'lsho_', needs: ['call_id', 'output'], texts: ['call_id'] },
  shell_call: { prefix: 'sh_', needs: ['call_id', 'action'], texts: ['call_id'], hasStatus: true },
  shell_call_output: { prefix: 'sho_', needs: ['call_id', 'output'], texts: ['call_id'], hasStatus: true },
  apply_patch_call: { prefix: 'apc_', needs: ['call_id', 'operation'], texts: ['call_id'], hasStatus: true },
  apply_patch_call_output: { prefix: 'apco_', needs: ['call_id'], texts: ['call_id'], hasStatus: true },
  mcp_list_tools: { prefix: 'mcpl_', needs: ['server_label', 'tools'], texts: ['server_label'] },
  mcp_approval_request: {
    prefix: 'mcpr_',
    needs: ['arguments', 'name', 'server_label'],
    texts: ['arguments', 'name', 'server_label'],
  },
  mcp_approval_response: { prefix: 'mcprr_', needs: ['approval_request_id', 'approve'], texts: ['approval_request_id'] },
  mcp_call: { prefix: 'mcp_', needs: ['arguments', 'name', 'server_label'], texts: ['arguments', 'name', 'server_label'] },
  tool_search_call: { prefix: 'tsc_', needs: ['arguments'], hasStatus: true },
  tool_search_output: { prefix: 'tso_', needs: ['tools'], hasStatus: true },
  additional_tools: { prefix: 'at_', needs: ['role', 'tools'] },
  compaction: { prefix: 'cmp_', needs: ['encrypted_content'], texts: ['encrypted_content'] },
  program: { prefix: 'prog_', needs: ['call_id', 'code', 'fingerprint'], texts: ['call_id'] },
  program_output: { prefix: 'progo_', needs: ['call_id', 'result'], texts: ['call_id'], hasStatus: true },
};
