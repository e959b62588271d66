namespace ActionTrail.Access;

/// <summary>What a caller may do; see <see cref="AccessRules"/>. Names are stored and shown: add, never rename.</summary>
public enum Role
{
    /// <summary>Everything within the own account.</summary>
    Administrator,

    /// <summary>Trails and their deliveries, but no events and no access keys.</summary>
    TrailAdministrator,

    /// <summary>Reads events, trails and deliveries; changes nothing.</summary>
    Auditor,

    /// <summary>Sends events; reads nothing.</summary>
    Publisher,

    /// <summary>The holder of the operator key: accounts, the store, and any account it names. Never the role of an access key.</summary>
    Operator,
}
