// Messages and calls of tools as OpenAI's format writes them. Knows no connection. Source: OpenAI API reference, "Chat".
import type { ChatRole } from '../message.js';
import type { ToolCall, ToolMessage } from '../tools.js';

export interface WireCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface WireMessage {
  readonly role: ChatRole | 'tool';
  readonly content: string | null;
  readonly tool_calls?: readonly WireCall[];
  readonly tool_call_id?: string;
}

export const wireCall = ({ id, name, arguments: given }: ToolCall): WireCall => ({
  id,
  type: 'function',
  function: { name, arguments: given },
});

export function wireMessage(message: ToolMessage): WireMessage {
  const { role, content } = message;
  if (message.role === 'tool') return { role, content, tool_call_id: message.toolCallId };
  return 'toolCalls' in message
    ? { role, content, tool_calls: message.toolCalls.map(wireCall) }
    : { role, content };
}
