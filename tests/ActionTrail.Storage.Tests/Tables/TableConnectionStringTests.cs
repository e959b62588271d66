using ActionTrail.Azure;
using ActionTrail.Azure.Tables;
using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace ActionTrail.Storage.Tests.Tables;

public sealed class TableConnectionStringTests
{
    [Theory]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1")]
    [InlineData("usedevelopmentstorage=True;DevelopmentStorageProxyUri=http://emulator;", "http://emulator:10002/devstoreaccount1")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=AAAA;EndpointSuffix=core.windows.net", "https://acme.table.core.windows.net/")]
    [InlineData("AccountName=acme;AccountKey=AAAA==;EndpointSuffix=core.chinacloudapi.cn", "https://acme.table.core.chinacloudapi.cn/")]
    [InlineData("AccountName=acme; AccountKey=AA+/; TableEndpoint=https://tables.acme.example/x", "https://tables.acme.example/x")]
    public void Endpoints_come_from_their_parts(string text, string endpoint)
    {
        var connection = TableConnectionString.Parse(text.Replace("AAAA==", "AAAA", StringComparison.Ordinal));
        Assert.Equal(new Uri(endpoint), connection.Endpoint);
        Assert.NotNull(connection.Key);
        Assert.Null(connection.Sas);
    }

    [Fact]
    public void A_signature_wins_over_a_key_and_keeps_its_equals_signs()
    {
        var connection = TableConnectionString.Parse("TableEndpoint=https://a.example;SharedAccessSignature=sv=2019&sig=ab%3D;AccountName=a;AccountKey=AAAA");
        Assert.Equal("sv=2019&sig=ab%3D", connection.Sas!.Signature);
        Assert.Null(connection.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AccountName=a;AccountName=b;AccountKey=AAAA")]
    [InlineData("AccountName=a")]
    [InlineData("AccountName=a;AccountKey=sécret!")]
    [InlineData("TableEndpoint=ftp://a.example;AccountName=a;AccountKey=AAAA")]
    public void What_cannot_be_read_is_refused_without_its_value(string text)
    {
        var refused = Assert.Throws<FormatException>(() => TableConnectionString.Parse(text));
        Assert.DoesNotContain("sécret", refused.ToString(), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => StorageConnection.FromConnectionString(text));
    }

    [Fact]
    public void A_connection_is_read_as_the_functions_host_reads_it()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Plain"] = "UseDevelopmentStorage=true",
            ["AzureWebJobsPrefixed"] = "AccountName=acme;AccountKey=AAAA",
            ["Named:accountName"] = "acme",
            ["Named:credential"] = "managedidentity",
            ["Named:clientId"] = "0f8fad5b-d9cb-469f-a165-70867728950e",
            ["Addressed:blobServiceUri"] = "https://b.example",
            ["Addressed:queueServiceUri"] = "https://q.example",
            ["Addressed:tableServiceUri"] = "https://t.example",
            ["Half:blobServiceUri"] = "https://b.example",
        }).Build();

        Assert.Equal("devstoreaccount1", StorageConnection.Read(settings, "Plain").CreateTableServiceClient().AccountName);
        Assert.Equal("acme", StorageConnection.Read(settings, "Prefixed").CreateBlobServiceClient().AccountName);
        var named = StorageConnection.Read(settings, "Named");
        Assert.Equal("https://acme.table.core.windows.net/", named.CreateTableServiceClient().Uri.ToString());
        Assert.Equal("acme", named.CreateQueueServiceClient().AccountName);
        var addressed = StorageConnection.Read(settings, "Addressed");
        Assert.Equal("https://b.example/", addressed.CreateBlobServiceClient().Uri.ToString());
        Assert.Equal("https://t.example/", addressed.CreateTableServiceClient().Uri.ToString());
        Assert.Contains("Half__queueServiceUri", Assert.Throws<FormatException>(() => StorageConnection.Read(settings, "Half")).Message, StringComparison.Ordinal);
        Assert.Contains("Absent", Assert.Throws<FormatException>(() => StorageConnection.Read(settings, "Absent")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_never_travels_in_the_clear()
    {
        TokenCredential token = new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned);
        Assert.Throws<ArgumentException>(() => new TableServiceClient(new Uri("http://acme.table.core.windows.net"), token));
        Assert.Equal("acme", new TableServiceClient(new Uri("https://acme.table.core.windows.net"), token).AccountName);
    }
}
