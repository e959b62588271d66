using ActionTrail.LocalRunner.Options;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>A Blob container in the runner's Azurite that trails can deliver to, and that curl can read: Azurite itself wants signed requests.</summary>
internal static class ReadableContainer
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromDays(365);

    /// <summary>Makes the container when it is not there. Returns its address with a signature (SAS) that lists and reads it for a year.</summary>
    /// <exception cref="RunnerException">The name is no container name.</exception>
    public static async Task<Uri> CreateAsync(string storageConnection, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var container = new BlobContainerClient(storageConnection, name);
        try
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status400BadRequest)
        {
            throw new RunnerException($"--container wants 3 to 63 lower-case letters, digits and single hyphens; got '{name}'.", e);
        }

        return AddressOf(container, now);
    }

    /// <summary>The address with a signature of a container that is there.</summary>
    public static Uri AddressOf(BlobContainerClient container, DateTimeOffset now) =>
        container.GenerateSasUri(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, now + ValidFor);
}
