package org.capi.examples.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.VectorUtil;
import org.capi.savedmodels.Encoded;
import org.capi.savedmodels.VisionEncoder;

/** Finds the photos of a folder that are most like another photo. */
public final class PhotoSearch {

    private static final String USAGE = """
            usage: PhotoSearch index MODEL PHOTOS INDEX   encode a folder of JPEG and PNG files into a new index
                   PhotoSearch query MODEL INDEX PHOTO PAGE.html   write the ten most similar as a page
                   PhotoSearch recall INDEX   compare the index with exact search""";

    private static final String PATH = "path";
    private static final String VECTOR = "vector";
    private static final int HITS = 10;
    private static final int BATCH_SIZE = 32;

    /** How many neighbours the graph is searched for; more cost time and find more of the true ten. */
    private static final int CANDIDATES = 50;

    /** A photo of the index and the cosine of its vector and the query's. */
    record Hit(Path photo, double cosine) {}

    private PhotoSearch() {}

    public static void main(String[] args) throws IOException {
        String command = args.length == 0 ? "" : args[0];
        try {
            if (command.equals("index") && args.length == 4) {
                index(Path.of(args[1]), Path.of(args[2]), Path.of(args[3]));
            } else if (command.equals("query") && args.length == 5) {
                query(Path.of(args[1]), Path.of(args[2]), Path.of(args[3]), Path.of(args[4]));
            } else if (command.equals("recall") && args.length == 2) {
                recall(Path.of(args[1]));
            } else {
                throw new IllegalArgumentException(USAGE);
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void index(Path model, Path photos, Path to) throws IOException {
        if (Files.exists(to)) {
            throw new IllegalArgumentException(to + " exists already");
        }
        List<Path> files = photos(photos);
        int indexed = 0;
        try (VisionEncoder encoder = VisionEncoder.load(model);
                Stream<Encoded<Path>> encoded = encoder.stream(files.iterator(), Files::readAllBytes, BATCH_SIZE);
                FSDirectory directory = FSDirectory.open(to);
                IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
            Iterator<Encoded<Path>> each = encoded.iterator();
            while (each.hasNext()) {
                Encoded<Path> one = each.next();
                Optional<float[]> vector = one.vector();
                if (vector.isEmpty()) {
                    System.out.println("left out: " + one.item() + " " + one.failure());
                    continue;
                }
                var document = new Document();
                document.add(new StringField(PATH, one.item().toAbsolutePath().toString(), Field.Store.YES));
                document.add(new KnnFloatVectorField(
                        VECTOR, VectorUtil.l2normalize(vector.get()), VectorSimilarityFunction.DOT_PRODUCT));
                writer.addDocument(document);
                indexed++;
            }
            writer.forceMerge(1); // one graph is searched faster than several
        }
        System.out.println(to + ": " + indexed + " of " + files.size() + " photos");
    }

    private static List<Path> photos(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no such folder: " + folder);
        }
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile)
                    .filter(file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png)"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new IllegalArgumentException("no JPEG or PNG files below " + folder);
            }
            return files;
        }
    }

    private static void query(Path model, Path index, Path photo, Path page) throws IOException {
        float[] vector;
        try (VisionEncoder encoder = VisionEncoder.load(model)) {
            Encoded<Path> encoded =
                    encoder.encodeEach(List.of(photo), Files::readAllBytes).get(0);
            vector = encoded.vector()
                    .map(VectorUtil::l2normalize)
                    .orElseThrow(() -> new IllegalArgumentException(photo + " " + encoded.failure()));
        }
        try (DirectoryReader reader = open(index)) {
            List<Hit> hits = search(new IndexSearcher(reader), vector);
            Files.writeString(page, page(photo, hits));
            System.out.println(page + ": " + hits.size() + " photos, the first is " + hits.get(0).photo());
        }
    }

    /** The vectors have length 1, so their dot product is the cosine, of which Lucene's score is (1 + cosine) / 2. */
    private static List<Hit> search(IndexSearcher searcher, float[] vector) throws IOException {
        List<Hit> hits = new ArrayList<>();
        for (ScoreDoc found : searcher.search(new KnnFloatVectorQuery(VECTOR, vector, CANDIDATES), HITS).scoreDocs) {
            String path = searcher.storedFields().document(found.doc).get(PATH);
            hits.add(new Hit(Path.of(path), 2 * found.score - 1));
        }
        return hits;
    }

    private static String page(Path photo, List<Hit> hits) {
        var html = new StringBuilder("""
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>Similar photos</title>
                <style>
                body { font-family: sans-serif; margin: 2em }
                figure { display: inline-block; margin: 0 1em 1em 0; width: 180px; vertical-align: top }
                img { width: 180px; height: 180px; object-fit: cover }
                figcaption { font-size: small; overflow-wrap: anywhere }
                </style></head><body><h1>Photos like this one</h1>
                """);
        figure(html, photo, "");
        html.append("<h2>The most similar of the index</h2>\n");
        hits.forEach(hit -> figure(html, hit.photo(), String.format(Locale.ROOT, "%.3f ", hit.cosine())));
        return html.append("</body></html>\n").toString();
    }

    private static void figure(StringBuilder html, Path photo, String before) {
        html.append("<figure><img alt=\"\" src=\"")
                .append(escaped(photo.toUri().toString()))
                .append("\"><figcaption>")
                .append(escaped(before + photo.getFileName()))
                .append("</figcaption></figure>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    /** Recall at 10: how many of the ten true neighbours the index finds, on average over all of its vectors. */
    private static void recall(Path index) throws IOException {
        try (DirectoryReader reader = open(index)) {
            var searcher = new IndexSearcher(reader);
            List<float[]> vectors = new ArrayList<>();
            List<Path> photos = new ArrayList<>();
            for (LeafReaderContext leaf : reader.leaves()) {
                FloatVectorValues values = leaf.reader().getFloatVectorValues(VECTOR);
                while (values.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
                    vectors.add(values.vectorValue().clone());
                    photos.add(Path.of(leaf.reader().storedFields().document(values.docID()).get(PATH)));
                }
            }
            double found = 0;
            for (float[] vector : vectors) {
                Set<Path> exact = new HashSet<>(exact(vectors, photos, vector));
                found += (double) search(searcher, vector).stream()
                                .filter(hit -> exact.contains(hit.photo()))
                                .count()
                        / exact.size();
            }
            System.out.printf(
                    Locale.ROOT, "recall@%d %.4f over %d photos%n", HITS, found / vectors.size(), vectors.size());
        }
    }

    private static List<Path> exact(List<float[]> vectors, List<Path> photos, float[] query) {
        List<Hit> all = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            all.add(new Hit(photos.get(i), VectorUtil.dotProduct(query, vectors.get(i))));
        }
        all.sort(Comparator.comparingDouble(Hit::cosine).reversed());
        return all.stream().limit(HITS).map(Hit::photo).toList();
    }

    private static DirectoryReader open(Path index) throws IOException {
        if (!Files.isDirectory(index)) {
            throw new IllegalArgumentException("no such index: " + index);
        }
        return DirectoryReader.open(FSDirectory.open(index));
    }
}
