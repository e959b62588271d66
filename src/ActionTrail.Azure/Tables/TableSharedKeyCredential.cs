using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Azure.Tables;

/// <summary>The name and one of the two access keys (Base64) of a storage account.</summary>
public sealed class TableSharedKeyCredential
{
    private readonly byte[] key;

    /// <exception cref="FormatException">The key is not Base64.</exception>
    public TableSharedKeyCredential(string accountName, string accountKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(accountName);
        AccountName = accountName;
        key = Convert.FromBase64String(accountKey);
    }

    public string AccountName { get; }

    /// <summary>Base64 of HMAC-SHA256 over the UTF-8 of <paramref name="text"/>.</summary>
    internal string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
