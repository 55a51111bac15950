package io.tsdash.transport;

import io.netty.channel.ChannelHandlerAdapter;

/**
 * The place in a pipeline from which ready frames leave: nothing but the encryption is between it and the socket, so
 * no encoder is asked to look at what it would pass on as it is.
 */
final class Outlet extends ChannelHandlerAdapter {}
