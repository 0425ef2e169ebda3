/**
 * Frames to legs: the flow tables of one capture point, and the rows kept of each packet.
 *
 * <p>{@link io.nattrail.leg.LegTable} finds the {@link io.nattrail.leg.Leg} of a packet and appends a row to it;
 * {@link io.nattrail.leg.Rows} is how the layers above read them. ICMP errors, fragments and copies of packets find their leg here, too.
 */
package io.nattrail.leg;
