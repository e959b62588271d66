using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class OtherEventHubTests
{
    private const string Keys = "SharedAccessKeyName=n;SharedAccessKey=s3cret=";

    [Theory]
    [InlineData($"Endpoint=sb://localhost;{Keys};UseDevelopmentEmulator=true;EntityPath=eh1", "sb://localhost:5672/eh1")]
    [InlineData($"Endpoint=sb://localhost:5680;{Keys};UseDevelopmentEmulator=True;EntityPath=eh1", "sb://localhost:5680/eh1")]
    [InlineData($"endpoint=sb://ns.servicebus.windows.net/;{Keys};entitypath=eh1", "sb://ns.servicebus.windows.net:5671/eh1")]
    [InlineData($"Endpoint=sb://ns.servicebus.windows.net/;{Keys}", "sb://ns.servicebus.windows.net:5671/of-the-setting")]
    public void A_connection_string_of_an_emulator_or_a_namespace_is_read(string text, string address)
    {
        var hub = OtherEventHub.Parse(text, "of-the-setting");
        Assert.Equal((address, "n", "s3cret="), (hub.ToString(), hub.KeyName, hub.Key));
        Assert.Equal(hub, OtherEventHub.Parse(hub.ConnectionString, defaultName: null));
    }

    [Theory]
    [InlineData($"{Keys};EntityPath=e", "Endpoint is missing")]
    [InlineData($"Endpoint=https://ns;{Keys};EntityPath=e", "not of the form sb://host")]
    [InlineData($"Endpoint=sb://ns/path;{Keys};EntityPath=e", "not of the form sb://host")]
    [InlineData("Endpoint=sb://ns;EntityPath=e", "an identity instead of a key")]
    [InlineData("Endpoint=sb://ns;SharedAccessKeyName=n;EntityPath=e", "SharedAccessKey is missing")]
    [InlineData("Endpoint=sb://ns;SharedAccessKey=s3cret;EntityPath=e", "SharedAccessKeyName is missing")]
    [InlineData("Endpoint=sb://ns;SharedAccessSignature=s3cret;EntityPath=e", "SharedAccessSignature is not supported")]
    [InlineData($"Endpoint=sb://ns;{Keys}", "EntityPath (the event hub's name) is missing")]
    [InlineData($"Endpoint=sb://ns;{Keys};EntityPath=e;UseDevelopmentEmulator=yes", "neither true nor false")]
    [InlineData($"Endpoint=sb://ns;{Keys};EntityPath=e;EntityPath=f", "EntityPath is there twice")]
    [InlineData("s3cret", "a part has no '='")]
    public void What_is_wrong_is_named_and_no_secret_is_repeated(string text, string named)
    {
        var refusal = Assert.Throws<RunnerException>(() => OtherEventHub.Parse(text, defaultName: null));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var refusal = Assert.Throws<RunnerException>(() => OtherEventHub.Parse("UseDevelopmentEmulator=1", defaultName: ""));
        Assert.All(["Endpoint", "SharedAccessKeyName", "EntityPath", "UseDevelopmentEmulator"], name => Assert.Contains(name, refusal.Message.Split(". It looks")[0], StringComparison.Ordinal));
    }

    [Fact]
    public void A_connection_string_may_stay_in_the_environment()
    {
        const string Name = "ACTIONTRAIL_TEST_OTHER_HUB";
        Assert.Contains($"'{Name}' is not set", Assert.Throws<RunnerException>(() => OtherEventHub.Parse($"env:{Name}", defaultName: null)).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Name, $"Endpoint=sb://ns;{Keys};EntityPath=e");
        Assert.Equal("sb://ns:5671/e", OtherEventHub.Parse($"env:{Name}", defaultName: null).Address);
        Environment.SetEnvironmentVariable(Name, null);
    }
}
