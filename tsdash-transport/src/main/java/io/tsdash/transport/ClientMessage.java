package io.tsdash.transport;

/**
 * What a client said in one message of its WebSocket.
 *
 * @param text whether it was a text, checked to be UTF-8
 * @param bytes of the payload
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ClientMessage(boolean text, byte[] bytes) {}
