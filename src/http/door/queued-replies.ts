import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Replies of each connection that are not over. */
const open = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Lets a reply hear of the end of its connection. A client may send several requests at once; Node tells only the reply
 * whose turn it is that the client has left, and those behind it would go on for nobody and hold what they hold for good.
 */
export function closeWithConnection(reply: ServerResponse, socket: Socket): void {
  const replies = open.get(socket) ?? begin(socket);
  replies.add(reply);
  reply.once('close', () => replies.delete(reply));
}

function begin(socket: Socket): Set<ServerResponse> {
  const replies = new Set<ServerResponse>();
  open.set(socket, replies);
  socket.once('close', () => {
    for (const reply of replies) if (reply.socket === null && !reply.writableFinished) end(reply);
  });
  return replies;
}

function end(reply: ServerResponse): void {
  reply.destroy();
  reply.emit('close');
}
