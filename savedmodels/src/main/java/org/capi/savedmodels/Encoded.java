package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one image of a batch or a stream. Either the features or the failure is there.
 *
 * @param item what the caller gave, such as a path or a row
 * @param features of this image, as a batch of one
 * @param failure why there are none, such as {@code "is not a JPEG, PNG or GIF file"}: the rest of a sentence that
 *     begins with the item's name
 */
public record Encoded<T>(
        T item, @Nullable Features features, @Nullable String failure) {

    /** Gives the bytes of an image file. */
    @FunctionalInterface
    public interface Reader<T> {

        /**
         * The bytes of an item's file.
         *
         * @throws IOException if this one cannot be read; others are read all the same
         */
        byte[] read(T item) throws IOException;
    }

    /** The vector of the image, {@code [n]}; empty if it failed. */
    public Optional<float[]> vector() {
        return Optional.ofNullable(features).map(one -> one.vector(0));
    }

    /** An item with its bytes, or why they could not be read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record File<T>(
            T item, byte @Nullable [] bytes, @Nullable String failure) {

        static <T> List<File<T>> read(List<? extends T> items, Reader<? super T> reader) {
            return items.stream().<File<T>>map(item -> read(item, reader)).toList();
        }

        static <T> File<T> read(T item, Reader<? super T> reader) {
            try {
                return new File<>(item, reader.read(item), null);
            } catch (IOException e) {
                return new File<>(item, null, "cannot be read: " + reason(e));
            }
        }

        /** A {@link FileSystemException} often has nothing but the file's name for a message. */
        private static String reason(IOException failure) {
            if (failure instanceof NoSuchFileException) {
                return "no such file";
            }
            return failure instanceof AccessDeniedException ? "access denied" : SafeText.firstLine(failure);
        }
    }
}
