using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActionTrail.Azure;

namespace ActionTrail.Benchmarks.Store;

/// <summary>An Azurite of its own on free ports, with its data in a temporary folder. The npm packages in tools/azurite must be installed.</summary>
internal sealed class LocalAzurite : IDisposable
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly string data = Directory.CreateTempSubdirectory("actiontrail-bench-").FullName;
    private readonly Process process;

    private LocalAzurite(int[] ports)
    {
        process = Process.Start(new ProcessStartInfo("node")
        {
            WorkingDirectory = Path.Combine(Repository, "tools", "azurite"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            ArgumentList =
            {
                "run.mjs", "--location", data, "--blob-port", Text(ports[0]), "--queue-port", Text(ports[1]), "--table-port", Text(ports[2]),
            },
        })!;
        ConnectionString =
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{ports[0]}/{Account};QueueEndpoint=http://127.0.0.1:{ports[1]}/{Account};TableEndpoint=http://127.0.0.1:{ports[2]}/{Account};";
    }

    public string ConnectionString { get; }

    public StorageConnection Connection => StorageConnection.FromConnectionString(ConnectionString);

    /// <summary>Where it keeps its data.</summary>
    public string Folder => data;

    public double CpuSeconds => process.TotalProcessorTime.TotalSeconds;

    /// <summary>The top of the repository.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "ActionTrail.Functions.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The repository is not above this program.");
            }

            return folder.FullName;
        }
    }

    /// <summary>Whether it can be started: its packages are there, and Node is.</summary>
    public static bool IsInstalled => Directory.Exists(Path.Combine(Repository, "tools", "azurite", "node_modules")) && IsNodeThere;

    /// <summary>Whether there is a Node on the PATH.</summary>
    public static bool IsNodeThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(static folder => File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe")));

    public static async Task<LocalAzurite> StartAsync()
    {
        var azurite = new LocalAzurite(FreePorts(3));
        if (await azurite.process.StandardOutput.ReadLineAsync() != "ready")
        {
            azurite.Dispose();
            throw new InvalidOperationException("Azurite did not start. Run 'npm ci' in tools/azurite, or the demo once.");
        }

        return azurite;
    }

    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
        {
            listener.Start();
        }

        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(data, recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
