using System.Globalization;
using System.Security.Cryptography;
using ActionTrail.Digests;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>
/// Everything a runner keeps, and the proof that no other runner uses it. Holds <c>azurite/</c>, <c>eventhubs/</c>, <c>checkpoints/</c>,
/// the keys (readable by their owner only), and <c>clean-stop</c> while nothing runs and Azurite saved all.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string root;
    private readonly FileStream held;

    private DataFolder(string root, FileStream held)
    {
        this.root = root;
        this.held = held;
    }

    public string Azurite => Path.Combine(root, "azurite");

    public string EventHubs => Path.Combine(root, "eventhubs");

    public string Children => Path.Combine(root, "children");

    private string CleanStop => Path.Combine(root, "clean-stop");

    /// <summary>Makes the folder when it is new; throws a <see cref="RunnerException"/> when a runner uses it.</summary>
    public static DataFolder Open(string root)
    {
        var owner = Path.Combine(root, "runner");
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(root);
            }
            else
            {
                Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            // The system lets go of the lock when the process ends, however it ends.
            var opened = new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            AtomicFile.WriteText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolder(root, opened);
        }
        catch (IOException e) when (File.Exists(owner))
        {
            throw new RunnerException($"The data folder {root} is in use by another runner (process {File.ReadAllText(owner)}). Stop that, or choose another folder with --data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException($"The data folder {root} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>
    /// True when there is data of an earlier run that did not end cleanly. Takes the mark of the clean stop away: from now on the run is open.
    /// </summary>
    public bool BeginRun()
    {
        var unclean = Directory.Exists(Azurite) && !File.Exists(CleanStop);
        File.Delete(CleanStop);
        Directory.CreateDirectory(Azurite);
        Directory.CreateDirectory(EventHubs);
        return unclean;
    }

    /// <summary>Azurite has saved everything, and nothing runs any more.</summary>
    public void EndRun() => AtomicFile.WriteText(CleanStop, "");

    public string Checkpoint(string hub, string consumerGroup, string partition)
    {
        var folder = Path.Combine(root, "checkpoints", Uri.EscapeDataString(hub), Uri.EscapeDataString(consumerGroup));
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, Uri.EscapeDataString(partition) + ".json");
    }

    /// <summary>A secret that is made once: 32 random bytes in Base64 (URL alphabet when <paramref name="urlSafe"/>).</summary>
    public string Secret(string name, bool urlSafe)
    {
        var path = Path.Combine(root, name);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } kept)
        {
            return kept;
        }

        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        secret = urlSafe ? secret.TrimEnd('=').Replace('+', '-').Replace('/', '_') : secret;
        KeepSecret(name, secret);
        return secret;
    }

    /// <summary>The key that signs checkpoints, made once: ECDSA P-256, the Base64 of its PKCS#8 form.</summary>
    public string CheckpointKey()
    {
        var path = Path.Combine(root, "checkpoint-key");
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } kept)
        {
            return kept;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var made = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        KeepSecret("checkpoint-key", made);
        return made;
    }

    /// <summary>Path of the key that signs digests, made once. It is valid from a while before: the first digest may cover the time before the start.</summary>
    public string SigningKeys(DateTimeOffset now)
    {
        const string Name = "signing-keys.pem";
        var path = Path.GetFullPath(Path.Combine(root, Name));
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            KeepSecret(Name, PemSigningKeys.Create(SigningAlgorithm.Rsa, now.AddDays(-1)));
        return path;
    }

    public void KeepSecret(string name, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(Path.Combine(root, name), options);
        writer.Write(secret);
    }

    public void Dispose() => held.Dispose();
}
