/**
 * Views of frames and headers where they lie, and the decoder that walks them.
 *
 * <p>{@link io.nattrail.wire.PacketDecoder} lays a {@link io.nattrail.wire.PacketView} on a {@link io.nattrail.wire.FrameView}: link layer,
 * tunnels, IP, and the transport header, or why it cannot be reached. Both views are reused for every frame, and nothing is allocated.
 */
package io.nattrail.wire;
