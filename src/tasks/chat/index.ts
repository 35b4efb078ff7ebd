// The public names of the conversation.
export type { MemoryMiddlewareOptions } from './ai-sdk-middleware.js';
export { memoryMiddleware } from './ai-sdk-middleware.js';
export type { Conversation, ForgetWithin, SendOptions, Why } from './conversation.js';
export type { ChatEvent, ChatFinish } from './events.js';
export type { AnswerEnd, GenerateAnswerOptions, Generator } from './generator.js';
export type { GeneratorFailure } from './generator-error.js';
export { GeneratorError } from './generator-error.js';
export type { AiSdkGeneratorOptions } from './generators/ai-sdk.js';
export { aiSdkGenerator } from './generators/ai-sdk.js';
export type { EndpointGeneratorOptions } from './generators/endpoint.js';
export { endpointGenerator } from './generators/endpoint.js';
export type { RunGenerator, RunGeneratorOptions } from './generators/run.js';
export { runGenerator } from './generators/run.js';
export { extractiveGenerator } from './generators/extractive.js';
export type {
  IndexKnowledgeOptions,
  KnowledgeFile,
  KnowledgeReport,
  KnowledgeSource,
} from './knowledge/index-knowledge.js';
export { indexKnowledge } from './knowledge/index-knowledge.js';
export type { Knowledge } from './knowledge/knowledge.js';
export type { ReadWindowOptions } from './kept-window.js';
export { readWindow } from './kept-window.js';
export type { ChatLanguage, ChatMessage, ChatRole, ChatTurn } from './message.js';
export { assistantSpeaker, chatRoles, languageOf } from './message.js';
export type { AnswerOptions, ConversationOptions } from './options.js';
export { openConversation } from './open-conversation.js';
export type { TokenCounter, WindowInput, WindowRules } from './window/build-window.js';
export { buildWindow } from './window/build-window.js';
export type { WindowSource } from './window/prompt.js';
export type { WindowShares } from './window/shares.js';
export type {
  ChatWindow,
  Citation,
  WindowCut,
  WindowItem,
  WindowPart,
  WindowPartKind,
} from './window/window.js';
export { windowPartKinds } from './window/window.js';
export type {
  AnsweredCall,
  ToolAnswerEnd,
  ToolCall,
  ToolCaller,
  ToolFields,
  ToolMessage,
  ToolStep,
} from './tools.js';
export { describeWindow } from './why.js';
