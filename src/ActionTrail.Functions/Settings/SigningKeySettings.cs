using ActionTrail.Azure;
using ActionTrail.Azure.KeyVault;
using ActionTrail.Digests;

namespace ActionTrail.Functions.Settings;

/// <summary>Where the signing keys are: a file, read at the start, or Key Vault.</summary>
internal sealed record SigningKeySettings(PemSigningKeys? File, Uri? Vault)
{
    /// <summary>Null when no digests are made.</summary>
    public static SigningKeySettings? Read(SettingsReader reader)
    {
        if (reader.Text(AppSettings.SigningKeysPlace) is not { } place)
            return null;
        if (KeyVaultSigningKeys.IsKeyAddress(place))
            return new(null, new Uri(place));
        if (place.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            reader.Refuse(AppSettings.SigningKeysPlace, "is the https address of a Key Vault key without a version, or a path.");
            return null;
        }

        try
        {
            return new(new PemSigningKeys(System.IO.File.ReadAllText(place)), null);
        }
        catch (FormatException e)
        {
            reader.Refuse(AppSettings.SigningKeysPlace, "names a file that holds no signing keys: " + e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reader.Refuse(AppSettings.SigningKeysPlace, "names a file that cannot be read.");
        }

        return null;
    }

    public ISigningKeys Open(StorageConnection connection, TimeProvider time) => File ?? (ISigningKeys)new KeyVaultSigningKeys(Vault!, connection.Credential, time);
}
