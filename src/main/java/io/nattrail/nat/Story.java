package io.nattrail.nat;

/**
 * How a flow went, as its outermost places tell it: the first place (nearest to the client) and the last (nearest to the endpoint).
 *
 * @param clientSawSynAck a SYN-ACK, or any answer where the beginning was not captured, at the first place
 * @param established the client acknowledged the SYN-ACK, or sent data, after it
 * @param requestBytes bytes of the client's stream at the first place, each once
 * @param replyBytes bytes of the endpoint's stream at the first place
 * @param endpointReplyBytes bytes of the endpoint's stream at the last place
 * @param clientFin the client closed, seen at any place
 * @param endpointFin the endpoint closed, seen at any place
 * @param clientFinFirst the client's FIN came before the endpoint's
 * @param requestAcked all the client's bytes seen at the first place were acknowledged there
 * @param replyAcked all the endpoint's bytes seen at the first place were acknowledged at any
 * @param lastIsRequestData the last data at the first place came from the client: a question without an answer
 * @param midstream no handshake was captured at any place
 * @param thoughtNanos the longest time from a question to its answer at the place nearest to the endpoint, on that place's clock; -1
 *     without any answer
 * @param requestPrint length and CRC of the first payload of the client; 0 without any
 * @param replyPrint length and CRC of the first payload of the answers; 0 without any
 */
public record Story(boolean clientSawSynAck, boolean established, long requestBytes, long replyBytes, long endpointReplyBytes,
        boolean clientFin, boolean endpointFin, boolean clientFinFirst, boolean requestAcked, boolean replyAcked, boolean lastIsRequestData,
        boolean midstream, long thoughtNanos, long requestPrint, long replyPrint) {
}
