using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class ConfigurationTests
{
    private static readonly string Repository = HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory);

    private readonly string folder = Directory.CreateTempSubdirectory("runner").FullName;

    [Fact]
    public void The_repositorys_own_files_are_understood()
    {
        var launch = HandlerLaunch.InRepository(AppContext.BaseDirectory);
        var host = HostSettings.Load(launch.HostJson);
        Assert.Equal(("ActionTrail.Functions", ""), (host.ExecutablePath, host.RoutePrefix));
        Assert.InRange(host.EventHubs.MaxEventBatchSize, 1_000, 10_000);
        Assert.NotNull(host.FunctionTimeout);

        var settings = AppSettings.Load(Path.Combine(Repository, "local.settings.json.example"));
        var functions = FunctionCatalog.Load(launch.FunctionsFolder, settings, warning => Assert.Fail(warning));
        var ingest = Assert.IsType<EventHubTriggerDefinition>(functions.Single(function => function.Name == "IngestEvents").Trigger);
        Assert.True(ingest.Binary);
        Assert.Equal(-1, ingest.Retry!.MaxRetryCount);
        Assert.DoesNotContain('%', ingest.EventHubName);
        Assert.IsType<HttpTriggerDefinition>(functions.Single(function => function.Name == "TrailApi").Trigger);
    }

    [Fact]
    public void A_function_whose_setting_is_missing_is_left_out_and_named()
    {
        var warnings = new List<string>();
        var settings = new AppSettings { ["ActionTrailStorage"] = "UseDevelopmentStorage=true" };
        var functions = FunctionCatalog.Load(Path.Combine(AppContext.BaseDirectory, "fixtures", "fake-handler"), settings, warnings.Add);
        Assert.Equal(["Api", "Tick", "Work"], functions.Select(function => function.Name));
        Assert.Contains("Ingest", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_resolve_names_between_percent_signs()
    {
        var settings = new AppSettings { ["Hub"] = "h", ["Empty"] = "" };
        Assert.Equal("a-h-b", settings.Resolve("a-%hub%-b"));
        Assert.Equal("100%", settings.Resolve("100%"));
        Assert.Null(settings.Resolve("%Empty%"));
        Assert.Null(settings.Resolve("%None%"));
    }

    [Fact]
    public void A_second_runner_on_the_same_folder_is_refused_with_the_first_ones_number()
    {
        using var first = DataFolder.Open(folder);
        var refusal = Assert.Throws<RunnerException>(() => DataFolder.Open(folder));
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_made_once_and_only_their_owner_can_read_them()
    {
        using var data = DataFolder.Open(folder);
        var key = data.Secret("encryption-key", urlSafe: false);
        Assert.Equal(32, Convert.FromBase64String(key).Length);
        Assert.Equal(key, data.Secret("encryption-key", urlSafe: false));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "encryption-key")));
        }
    }

    [Fact]
    public void Only_a_run_that_ended_is_clean()
    {
        using var data = DataFolder.Open(folder);
        Assert.False(data.BeginRun());
        Assert.True(data.BeginRun());
        data.EndRun();
        Assert.False(data.BeginRun());
    }

    [Theory]
    [InlineData("--http-port", "99999", "--http-port")]
    [InlineData("--azurite-ports", "1,2", "--azurite-ports")]
    [InlineData("--azurite-ports", "5,5,6", "--azurite-ports")]
    [InlineData("--events", "0", "--events")]
    [InlineData("--exit", null, "--demo")]
    [InlineData("--event-hub", " ", "--event-hub")]
    public void A_wrong_option_is_named(string option, string? value, string named)
    {
        var errors = RunnerCommand.Create((_, _) => Task.FromResult(0)).Parse(value is null ? [option] : [option, value]).Errors;
        Assert.Contains(errors, error => error.Message.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_arrive_and_have_the_documented_defaults()
    {
        RunnerOptions? got = null;
        var command = RunnerCommand.Create((options, _) =>
        {
            got = options;
            return Task.FromResult(0);
        });
        Assert.Equal(0, await command.Parse([]).InvokeAsync());
        Assert.Equal((7071, 5673, 5672, "10000,10001,10002", Path.GetFullPath(".local")), (got!.HttpPort, got.EventHubHttpPort, got.AmqpPort, got.AzuritePorts.ToString(), got.DataFolder));
        Assert.Equal(0, await command.Parse(["--azurite-ports", "0,0,0", "--demo", "--exit", "--events", "12", "--operator-key", "k", "--handler", "out"]).InvokeAsync());
        Assert.Equal((true, true, 12, "k", Path.GetFullPath("out")), (got.Demo, got.ExitAfterDemo, got.DemoEvents, got.OperatorKey, got.ScriptRoot));
        Assert.Equal(12, got.DemoFormats.Count);
    }

    [Theory]
    [InlineData("native", 0)]
    [InlineData("all", 12)]
    [InlineData("cloudtrail,native,google", 2)]
    public async Task The_formats_of_the_demo_are_those_besides_the_native_one(string list, int count)
    {
        RunnerOptions? got = null;
        var command = RunnerCommand.Create((options, _) =>
        {
            got = options;
            return Task.FromResult(0);
        });
        Assert.Equal(0, await command.Parse(["--demo", "--formats", list]).InvokeAsync());
        Assert.Equal(count, got!.DemoFormats.Count);
        Assert.Contains("got 'xml'", Assert.Single(command.Parse(["--demo", "--formats", "xml"]).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_of_the_local_hub_does_not_go_with_another_hub()
    {
        var errors = RunnerCommand.Create((_, _) => Task.FromResult(0)).Parse(["--event-hub", "env:HUB", "--amqp-port", "5672"]).Errors;
        Assert.Contains(errors, error => error.Message.Contains("which --event-hub replaces", StringComparison.Ordinal));
        Assert.Empty(RunnerCommand.Create((_, _) => Task.FromResult(0)).Parse(["--event-hub", "env:HUB", "--eventhub-http-port", "0"]).Errors);
    }

    [Theory]
    [InlineData(5672, "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k=;UseDevelopmentEmulator=true")]
    [InlineData(5680, "Endpoint=sb://localhost:5680;SharedAccessKeyName=n;SharedAccessKey=k=;UseDevelopmentEmulator=true")]
    public void The_hubs_connection_string_names_its_port_unless_it_is_the_usual_one(int port, string expected) =>
        Assert.Equal(expected, (EventHubConnection.Parse("SharedAccessKeyName=n;SharedAccessKey=k=") with { Port = port }).ToString());

    [Fact]
    public void A_taken_port_is_named_with_its_option_and_who_has_it()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var refusal = Assert.Throws<RunnerException>(() => Ports.Take(port, "--http-port"));
        Assert.Contains($"{port} (--http-port) is taken", refusal.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_an_earlier_runner_left_is_ended_and_a_number_given_to_another_process_is_not()
    {
        var path = Path.Combine(folder, "children");
        using var left = System.Diagnostics.Process.Start("sleep", "300");
        using var other = System.Diagnostics.Process.Start("sleep", "300");
        try
        {
            await File.WriteAllTextAsync(path, $"{left.Id} {ProcessStart.Of(left.Id)} azurite\n{other.Id} 1 handler\n");
            await new ChildLedger(path).EndLeftoversAsync(TimeSpan.FromMilliseconds(100), TimeProvider.System, Bench.Output(), default);
            await left.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.False(other.HasExited);
        }
        finally
        {
            other.Kill();
        }
    }
}
