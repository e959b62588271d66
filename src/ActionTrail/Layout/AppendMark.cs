namespace ActionTrail.Layout;

/// <summary>
/// Makes an append happen once: a row under <see cref="Keys.Appended"/> of <paramref name="Key"/> is inserted with the commit, so that a second append under
/// the same key fails as a whole.
/// </summary>
/// <param name="Key">Says what is appended.</param>
/// <param name="Sha256">Of what is appended, for whoever wants to append it again.</param>
public sealed record AppendMark(string Key, byte[] Sha256);
