/**
 * Values of the network: addresses, prefixes, endpoints, tuples, protocols, what a TTL tells, and amounts and durations as text. Immutable;
 * no I/O.
 */
package io.nattrail.net;
