using System.Security.Cryptography;

namespace ActionTrail.Access;

/// <summary>Where key ids, secrets, nonces and request ids take their chance from; injected so that tests can name it.</summary>
public interface IRandomSource
{
    /// <summary>Fills <paramref name="bytes"/> with bytes that nobody can predict. Safe to call from several threads.</summary>
    void Fill(Span<byte> bytes);
}

/// <summary>The operating system's cryptographic source.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
