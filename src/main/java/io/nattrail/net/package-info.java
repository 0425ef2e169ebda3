/** Values of the network: addresses, prefixes, endpoints, tuples. Immutable; no I/O. */
package io.nattrail.net;
