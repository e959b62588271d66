using System.Net;
using System.Text;

namespace ActionTrail.Tests.Cli;

public sealed class ProfileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-profiles").FullName;
    private readonly CliBench bench = new();
    private readonly List<string> seen = [];

    public ProfileTests()
    {
        bench.Variables["XDG_CONFIG_HOME"] = folder;
        bench.Api = (request, _) =>
        {
            var account = request.Headers.TryGetValues("ActionTrail-Account", out var named) ? named.Single() : "";
            seen.Add($"{request.RequestUri!.GetLeftPart(UriPartial.Authority)} {Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers.Authorization?.Parameter ?? ""))} {account}");
            return CliBench.Answer(HttpStatusCode.OK, """{"value":[]}""");
        };
    }

    private string Path => System.IO.Path.Combine(folder, "actiontrail", "config");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_was_configured_is_used_and_options_and_environment_win_over_it()
    {
        Assert.Equal(0, await bench.RunAsync("configure", "--profile", "prod", "--endpoint", "https://audit.example", "--key", "AK1:secret:x", "--account", "acme"));
        Assert.DoesNotContain("secret", bench.Errors + bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("trail", "list", "--profile", "prod"));
        Assert.Equal(0, await bench.RunAsync("trail", "list", "--profile", "prod", "--account", "other"));
        bench.Variables["ACTIONTRAIL_PROFILE"] = "prod";
        bench.Variables["ACTIONTRAIL_KEY"] = "AK2:e";
        Assert.Equal(0, await bench.RunAsync("trail", "list"));
        Assert.Equal(0, await bench.RunAsync("trail", "list", "--key", "AK3:o", "--endpoint", "http://localhost:1"));

        Assert.Equal(["https://audit.example AK1:secret:x acme", "https://audit.example AK1:secret:x other", "https://audit.example AK2:e acme", "http://localhost:1 AK3:o acme"], seen);
    }

    [Fact]
    public async Task What_is_not_given_is_asked_for_and_an_empty_line_keeps_what_is_there()
    {
        bench.Input = "https://one.example\nAK1:first\n\n"u8.ToArray();
        Assert.Equal(0, await bench.RunAsync("configure"));
        bench.Input = "\n\nacme\n"u8.ToArray();
        Assert.Equal(0, await bench.RunAsync("configure"));
        Assert.Contains("key ID:SECRET [AK1:…]", bench.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("first", bench.Errors, StringComparison.Ordinal);

        Assert.Equal(0, await bench.RunAsync("trail", "list"));
        Assert.Equal(["https://one.example AK1:first acme"], seen);
        Assert.Equal("# Profiles of actiontrail. It holds secrets: for its owner alone.\n\n[default]\nendpoint = https://one.example\nkey = AK1:first\naccount = acme\n", await File.ReadAllTextAsync(Path));
    }

    [Fact]
    public async Task The_file_is_for_its_owner_alone_and_one_that_is_not_is_refused_without_a_call()
    {
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(0, await bench.RunAsync("configure", "--endpoint", "https://audit.example", "--key", "AK1:secret", "--account", "acme"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        foreach (var more in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
            Assert.Equal(2, await bench.RunAsync("trail", "list"));
            Assert.Equal(2, await bench.RunAsync("configure", "--account", "other"));
        }

        Assert.Contains("chmod 600", bench.Errors, StringComparison.Ordinal);
        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("endpoint = https://x\n")]
    [InlineData("[default]\nkey AK:top-secret\n")]
    [InlineData("[default]\ntoken = top-secret\n")]
    [InlineData("[default]\n[default]\nkey = AK:top-secret\n")]
    [InlineData("[no good]\nkey = AK:top-secret\n")]
    public async Task A_file_that_is_not_as_described_is_refused_by_line_without_its_values(string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Equal(2, await bench.RunAsync("trail", "list"));
        Assert.Contains(", line ", bench.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", bench.Errors, StringComparison.Ordinal);
        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("--profile no/good --key AK1:s --endpoint https://x --account a")]
    [InlineData("--key nocolon --endpoint https://x --account a")]
    [InlineData("--key AK1:s --endpoint ftp://x --account a")]
    public async Task What_cannot_be_used_is_not_kept(string options)
    {
        Assert.Equal(2, await bench.RunAsync(["configure", .. options.Split(' ')]));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task A_profile_that_is_named_must_be_there()
    {
        Assert.Equal(2, await bench.RunAsync("trail", "list", "--profile", "none"));
        Assert.Contains("There is no profile none", bench.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("trail", "list"));
    }
}
