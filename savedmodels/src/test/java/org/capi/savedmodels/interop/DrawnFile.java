package org.capi.savedmodels.interop;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/**
 * An image file of a colour gradient with an ellipse on it.
 *
 * @param format {@code png} or {@code jpg}
 * @param type one of the types of {@link BufferedImage}
 */
record DrawnFile(String format, int width, int height, int type) {

    byte[] bytes() throws IOException {
        var image = new BufferedImage(width, height, type);
        Graphics2D pen = image.createGraphics();
        pen.setPaint(new GradientPaint(0, 0, Color.RED, width, height, Color.CYAN));
        pen.fillRect(0, 0, width, height);
        pen.setPaint(Color.YELLOW);
        pen.setStroke(new BasicStroke(width / 20f));
        pen.drawOval(width / 4, height / 4, width / 2, height / 2);
        pen.dispose();
        var bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, bytes)) {
            throw new IllegalStateException("this Java writes no " + format);
        }
        return bytes.toByteArray();
    }
}
