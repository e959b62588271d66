namespace ActionTrail.Events.Redaction;

/// <summary>Why a value was masked: the tag of the counter <c>actiontrail.redactions</c>. Add, never rename.</summary>
public enum RedactionRule
{
    /// <summary>Named like a password.</summary>
    Password,

    /// <summary>Named like a secret, e.g. <c>clientSecret</c>.</summary>
    Secret,

    /// <summary>Named like a token that grants access.</summary>
    Token,

    /// <summary>Named like a key, or the value beside a <c>keyName</c>.</summary>
    Key,

    /// <summary>Named like a connection string.</summary>
    ConnectionString,

    /// <summary>An Authorization header or its like, or credentials behind <c>Bearer</c> or <c>Basic</c>.</summary>
    Authorization,

    /// <summary>The signature of a signed address.</summary>
    Signature,

    /// <summary>A JSON web token.</summary>
    WebToken,

    /// <summary>A private key in PEM form.</summary>
    PrivateKey,

    /// <summary>The password of an address like <c>scheme://user:password@host</c>.</summary>
    AddressPassword,

    /// <summary>Text that looks like it holds a secret and cannot be read closer.</summary>
    Unreadable,

    /// <summary>A name that the operator added.</summary>
    Configured,
}

/// <summary>What a member's name says about its value.</summary>
[Flags]
internal enum NameKinds
{
    None = 0,

    /// <summary>The value is a secret, whatever it looks like.</summary>
    Secret = 1,

    /// <summary>The value is a secret when it looks like key material.</summary>
    MaybeSecret = 2,

    /// <summary>A text is a secret, an object is not: <c>authorization</c> is a header here and a role check there.</summary>
    Header = 4,

    /// <summary>Not masked inside an object that a secret's name stands over: names, ids, types.</summary>
    Label = 8,

    /// <summary>Never masked: the operator says so.</summary>
    Never = 16,

    /// <summary>Its text may be the name of what stands beside it.</summary>
    PairName = 32,

    /// <summary>Holds what a <see cref="PairName"/> beside it names.</summary>
    PairValue = 64,

    /// <summary>The value beside it is a key.</summary>
    KeyName = 128,

    /// <summary>In addresses: the signature of a shared access signature.</summary>
    SharedAccess = 256,

    /// <summary>In addresses and headers: a signature, where an access key is named as well.</summary>
    Signature = 512,

    /// <summary>Base64 of what is judged as if it stood there itself: the data of a CloudEvent.</summary>
    Packed = 1024,

    /// <summary>What makes a closer look worth while.</summary>
    Suspect = Secret | MaybeSecret | Header | KeyName | SharedAccess | Signature | Packed,
}

/// <summary>What a name says, and under which rule its value is counted.</summary>
internal readonly record struct NameRule(NameKinds Kinds, RedactionRule Rule)
{
    public bool Is(NameKinds kinds) => (Kinds & kinds) != 0;
}
