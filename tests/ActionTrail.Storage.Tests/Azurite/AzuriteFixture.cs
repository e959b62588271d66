using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActionTrail.Azure;

namespace ActionTrail.Storage.Tests.Azurite;

/// <summary>
/// One Azurite for all tests of this assembly: installs it from tools/azurite, starts it on free ports with a data folder of its
/// own, and stops it by closing its stdin, which also happens when the test host is killed. When it cannot start, the tests fail.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    public const string Account = "devstoreaccount1";
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly string data = Directory.CreateTempSubdirectory("actiontrail-azurite-").FullName;
    private readonly List<string> log = [];
    private Process? process;

    public int BlobPort { get; private set; }

    public int QueuePort { get; private set; }

    public int TablePort { get; private set; }

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{BlobPort}/{Account};"
        + $"QueueEndpoint=http://127.0.0.1:{QueuePort}/{Account};TableEndpoint=http://127.0.0.1:{TablePort}/{Account};";

    public StorageConnection Connection => StorageConnection.FromConnectionString(ConnectionString);

    /// <summary>The top of the repository: the nearest folder above the tests that holds the solution.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActionTrail.Functions.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("The repository is not above the tests.");
        }
    }

    public async Task InitializeAsync()
    {
        var tool = Path.Combine(Repository, "tools", "azurite");
        await NodeModules.InstallAsync(tool);
        var ports = FreePorts(3);
        (BlobPort, QueuePort, TablePort) = (ports[0], ports[1], ports[2]);
        process = NodeModules.Start(
            tool, "node", "run.mjs", "--location", data, "--blob-port", $"{BlobPort}", "--queue-port", $"{QueuePort}", "--table-port", $"{TablePort}");
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
                log.Add(line.Data ?? "");
        };
        process.BeginErrorReadLine();
        if (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)) != "ready")
        {
            lock (log)
                throw new InvalidOperationException("Azurite did not start: " + string.Join('\n', log));
        }
    }

    public async Task DisposeAsync()
    {
        if (process is not null)
        {
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            await process.WaitForExitAsync(patience.Token);
            process.Dispose();
        }

        Directory.Delete(data, recursive: true);
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static listener => listener.Start());
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(static listener => listener.Stop());
        return ports;
    }
}

/// <summary>Classes that use <see cref="AzuriteFixture"/> run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
