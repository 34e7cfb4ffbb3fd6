import java.nio.file.*;
import java.util.*;
import org.capi.savedmodels.*;

class EncodePhotos {
    public static void main(String[] args) throws Exception {
        try (VisionEncoder encoder = VisionEncoder.load(Path.of(args[0]))) {
            Features features = encoder.encodeFiles(List.of(Files.readAllBytes(Path.of(args[1]))));
            System.out.println("image " + features.global().shape() + ", patches "
                    + features.featureMap().shape());
        }
    }
}
