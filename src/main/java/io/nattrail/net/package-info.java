/**
 * Values of the network: addresses, prefixes, endpoints, tuples, protocols, what a TTL tells, and amounts and durations as text. And
 * what {@linkplain io.nattrail.net.Similarity words} may mean one another. Immutable; no I/O.
 */
package io.nattrail.net;
