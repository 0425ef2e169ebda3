/** One frame in full for people, and capture filters, by Pcap4J. */
package io.nattrail.dissect;
