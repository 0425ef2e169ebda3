/** Legs to flows: evidence, assignment, packet matching across the NAT. */
package io.nattrail.nat;
