/** One frame in full for people ({@link io.nattrail.dissect.PacketDissector}), and capture filters in BPF; both by Pcap4J. */
package io.nattrail.dissect;
