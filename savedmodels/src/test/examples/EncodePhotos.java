import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;

class EncodePhotos {
    public static void main(String[] args) throws Exception {
        List<byte[]> photos = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            photos.add(Files.readAllBytes(Path.of(args[i])));
        }
        try (VisionEncoder encoder = VisionEncoder.load(Path.of(args[0]))) {
            Features features = encoder.encodeFiles(photos);
            for (int i = 0; i < photos.size(); i++) {
                float[] vector = features.vector(i);
                System.out.println(args[i + 1] + ": " + vector.length + " numbers, the first is " + vector[0]);
            }
        }
    }
}
