namespace ActionTrail.Azure.Tables;

/// <summary>A table of an account.</summary>
public sealed record TableItem(string Name);
