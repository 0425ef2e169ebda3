/**
 * Legs to flows: which legs are one connection, and what became of its packets between them.
 *
 * <p>{@link io.nattrail.nat.Correlator} leads through it. {@code LegMatcher} groups legs by evidence, datagrams by an assignment of all
 * candidates at once; {@code TupleOrder} puts the tuples of a group in the order of their translation, {@code GroupLayout} its legs in that
 * of the path; {@code PacketMatcher} finds the packets of each place again at the next; {@code FlowFolder} makes a
 * {@link io.nattrail.nat.Flow} of that, which {@link io.nattrail.nat.FlowStore} keeps. {@link io.nattrail.nat.CaptureSet} knows what each
 * capture could have shown.
 */
package io.nattrail.nat;
