namespace ActionTrail.LocalRunner.Hosting;

/// <summary>Files that are replaced whole: written beside, then renamed.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        var next = path + ".next";
        using (var stream = File.Create(next))
        {
            write(stream);
        }

        File.Move(next, path, overwrite: true);
    }

    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
