package org.capi.data.source.hub;

/** A file in a tar archive. */
record TarMember(String name, long size) {}
