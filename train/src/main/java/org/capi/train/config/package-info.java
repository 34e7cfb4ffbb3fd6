/**
 * The configuration of a pretraining: one record for each section of the YAML, its presets, and overrides.
 *
 * <p>A file is complete: no value has a default in the code, so that the {@code config.yaml} of a run says everything
 * that was computed. Names are checked before Jackson binds them, which lets a message give the full key and the
 * nearest right one.
 */
@NullMarked
package org.capi.train.config;

import org.jspecify.annotations.NullMarked;
