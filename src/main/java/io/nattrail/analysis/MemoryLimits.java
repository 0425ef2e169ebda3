package io.nattrail.analysis;

/**
 * What an analysis keeps in memory before it finds another way.
 *
 * @param rows packets that wait, over all points, before connections that have ended are folded while the captures are still read
 * @param crowd packets that wait, as only a flood makes so many, from which on unfinished handshakes are given up early
 * @param flows flows kept as they are, some kilobytes each; more are kept as bytes
 * @param flowBytes bytes of flows in memory; what is beyond goes to a temporary file
 * @param unfinished connections to one place that never got beyond their handshake and yet are flows of the reports; what a SYN flood or a
 *     scan has more of is counted
 */
record MemoryLimits(long rows, long crowd, int flows, long flowBytes, int unfinished) {
    static final MemoryLimits USUAL = new MemoryLimits(600_000, 4_000_000, 12_000, 48L << 20, 20_000);
}
