using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>
/// Encrypts access key secrets at rest. Sealed form: 1 byte version (1), 12 bytes nonce, 16 bytes tag, then the AES-256-GCM
/// ciphertext of the secret's UTF-8. Key: HKDF-SHA256 of the encryption key, no salt, info <c>ActionTrail access key secret v1</c>.
/// Associated data: <c>{accountId}\n{accessKeyId}</c>, so that a sealed secret opens in its own row only.
/// </summary>
public sealed class SecretSeal : IDisposable
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    private readonly AesGcm cipher;
    private readonly IRandomSource random;
    private readonly Lock gate = new();

    public SecretSeal(byte[] encryptionKey, IRandomSource random)
    {
        this.random = random;
        cipher = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, encryptionKey, 32, salt: null, "ActionTrail access key secret v1"u8.ToArray()), TagBytes);
    }

    public byte[] Seal(string accountId, string accessKeyId, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[HeaderBytes + plain.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceBytes);
        random.Fill(nonce);
        lock (gate)
            cipher.Encrypt(nonce, plain, box.AsSpan(HeaderBytes), box.AsSpan(1 + NonceBytes, TagBytes), Context(accountId, accessKeyId));
        return box;
    }

    /// <exception cref="StoreException">Corrupt: not sealed for this key, under another encryption key, or altered.</exception>
    public string Open(string accountId, string accessKeyId, byte[] box) => Encoding.UTF8.GetString(OpenBytes(accountId, accessKeyId, box));

    /// <summary>The UTF-8 of the secret, which the caller wipes after use.</summary>
    /// <exception cref="StoreException">As <see cref="Open"/>.</exception>
    public byte[] OpenBytes(string accountId, string accessKeyId, byte[] box)
    {
        if (box.Length < HeaderBytes || box[0] != Version)
            throw new StoreException(StoreErrorKind.Corrupt, $"The secret of access key {accessKeyId} has an unknown form.");
        var plain = new byte[box.Length - HeaderBytes];
        try
        {
            lock (gate)
                cipher.Decrypt(box.AsSpan(1, NonceBytes), box.AsSpan(HeaderBytes), box.AsSpan(1 + NonceBytes, TagBytes), plain, Context(accountId, accessKeyId));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"The secret of access key {accessKeyId} does not open with this encryption key.", e);
        }

        return plain;
    }

    public void Dispose() => cipher.Dispose();

    private static byte[] Context(string accountId, string accessKeyId) => Encoding.UTF8.GetBytes($"{accountId}\n{accessKeyId}");
}
