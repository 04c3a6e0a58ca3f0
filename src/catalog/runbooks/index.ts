import { aider } from './products/aider.js';
import { anythingllm } from './products/anythingllm.js';
import { autogen } from './products/autogen.js';
import { bigAgi } from './products/big-agi.js';
import { chatbox } from './products/chatbox.js';
import { cherryStudio } from './products/cherry-studio.js';
import { cline } from './products/cline.js';
import { codexCli } from './products/codex-cli.js';
import { continueDev } from './products/continue.js';
import { crewai } from './products/crewai.js';
import { crush } from './products/crush.js';
import { curl } from './products/curl.js';
import { cursor } from './products/cursor.js';
import { dify } from './products/dify.js';
import { dspy } from './products/dspy.js';
import { flowise } from './products/flowise.js';
import { genericOpenaiHttp } from './products/generic-openai-http.js';
import { goose } from './products/goose.js';
import { haystack } from './products/haystack.js';
import { hermes } from './products/hermes.js';
import { homeAssistantExtended } from './products/home-assistant-extended.js';
import { jan } from './products/jan.js';
import { jetbrainsAi } from './products/jetbrains-ai.js';
import { karakeep } from './products/karakeep.js';
import { langchain } from './products/langchain.js';
import { langchain4j } from './products/langchain4j.js';
import { langflow } from './products/langflow.js';
import { librechat } from './products/librechat.js';
import { litellm } from './products/litellm.js';
import { llamaindex } from './products/llamaindex.js';
import { llmCli } from './products/llm-cli.js';
import { lobechat } from './products/lobechat.js';
import { lovable } from './products/lovable.js';
import { make } from './products/make.js';
import { manus } from './products/manus.js';
import { mattermostAgents } from './products/mattermost-agents.js';
import { msty } from './products/msty.js';
import { n8n } from './products/n8n.js';
import { nextchat } from './products/nextchat.js';
import { nextcloudAssistant } from './products/nextcloud-assistant.js';
import { notDirectClients } from './products/not-direct-clients.js';
import { obsidianCopilot } from './products/obsidian-copilot.js';
import { openWebui } from './products/open-webui.js';
import { openaiAgentsSdk } from './products/openai-agents-sdk.js';
import { openaiSdkJavaDotnetGo } from './products/openai-sdk-java-dotnet-go.js';
import { openaiSdkNode } from './products/openai-sdk-node.js';
import { openaiSdkPython } from './products/openai-sdk-python.js';
import { openclaw } from './products/openclaw.js';
import { opencode } from './products/opencode.js';
import { openhands } from './products/openhands.js';
import { postman } from './products/postman.js';
import { powerAutomate } from './products/power-automate.js';
import { promptfoo } from './products/promptfoo.js';
import { pydanticAi } from './products/pydantic-ai.js';
import { qwenCode } from './products/qwen-code.js';
import { raycast } from './products/raycast.js';
import { rooCode } from './products/roo-code.js';
import { semanticKernel } from './products/semantic-kernel.js';
import { sillytavern } from './products/sillytavern.js';
import { springAi } from './products/spring-ai.js';
import { typingmind } from './products/typingmind.js';
import { vercelAiSdk } from './products/vercel-ai-sdk.js';
import { vscodeCopilotByok } from './products/vscode-copilot-byok.js';
import { xcode } from './products/xcode.js';
import { zapier } from './products/zapier.js';
import { zed } from './products/zed.js';
import { runbookRow, type RunbookData, type RunbookRow } from './runbook-row.js';
import { runbookCategories } from '../../contracts/runbook-words.js';

const data: readonly RunbookData[] = [
  aider,
  anythingllm,
  autogen,
  bigAgi,
  chatbox,
  cherryStudio,
  cline,
  codexCli,
  continueDev,
  crewai,
  crush,
  curl,
  cursor,
  dify,
  dspy,
  flowise,
  genericOpenaiHttp,
  goose,
  haystack,
  hermes,
  homeAssistantExtended,
  jan,
  jetbrainsAi,
  karakeep,
  langchain,
  langchain4j,
  langflow,
  librechat,
  litellm,
  llamaindex,
  llmCli,
  lobechat,
  lovable,
  make,
  manus,
  mattermostAgents,
  msty,
  n8n,
  nextchat,
  nextcloudAssistant,
  obsidianCopilot,
  openWebui,
  openaiAgentsSdk,
  openaiSdkJavaDotnetGo,
  openaiSdkNode,
  openaiSdkPython,
  openclaw,
  opencode,
  openhands,
  postman,
  powerAutomate,
  promptfoo,
  pydanticAi,
  qwenCode,
  raycast,
  rooCode,
  semanticKernel,
  sillytavern,
  springAi,
  typingmind,
  vercelAiSdk,
  vscodeCopilotByok,
  xcode,
  zapier,
  zed,
  ...notDirectClients,
];

/** Every product with a runbook, by category and name. @throws ZodError where a row is none. */
export const runbooks: readonly RunbookRow[] = data.map((row) => runbookRow.parse(row)).sort(byCategoryAndName);

/** The runbook of this slug or further name. */
export function findRunbook(slug: string): RunbookRow | undefined {
  return runbooks.find((row) => row.slug === slug || row.aliases.includes(slug));
}

function byCategoryAndName(one: RunbookRow, other: RunbookRow): number {
  const place = runbookCategories.indexOf(one.category) - runbookCategories.indexOf(other.category);
  return place === 0 ? one.name.localeCompare(other.name, 'en') : place;
}
