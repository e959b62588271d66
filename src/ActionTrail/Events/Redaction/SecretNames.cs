namespace ActionTrail.Events.Redaction;

/// <summary>The built-in table of names: small letters, without <c>_</c> and <c>-</c>, as <see cref="RedactionRules"/> compares them.</summary>
internal static class SecretNames
{
    /// <summary>Whole names.</summary>
    public static readonly (NameKinds Kinds, RedactionRule Rule, string Names)[] Exact =
    [
        (NameKinds.Secret, RedactionRule.Password,
            "pwd userpwd passcode tokencode mfacode otpcode authenticationcode1 authenticationcode2 mysqlpwd pgpass redisauth"),
        (NameKinds.Secret, RedactionRule.Secret,
            "secret secretstring secretbinary secretvalue secretdata secretpayload appsecret applicationsecret consumersecret accesssecret "
            + "sharedsecret apisecret secrettext samlassertion samlresponse clientassertion plaintext stringdata totpsecret base32stringseed qrcodepng"),
        (NameKinds.Secret, RedactionRule.Token,
            "authtoken bearertoken apitoken webidentitytoken sastoken oauthtoken authorizationtoken authenticationtoken registrationtoken jointoken "
            + "bootstraptoken personalaccesstoken xamzsecuritytoken xosssecuritytoken xacssecuritytoken xgoogiamauthorizationtoken tokensecret usertoken "
            + "federatedtoken subjecttoken actortoken upnjwt devicetoken ststoken impersonationtoken"),
        (NameKinds.Secret, RedactionRule.Key,
            "secretkey sharedkey sharedaccesskey accountkey storageaccountkey storageaccountaccesskey storagekey primarymasterkey secondarymasterkey "
            + "primaryreadonlymasterkey secondaryreadonlymasterkey primarysharedkey secondarysharedkey masterkey functionkey systemkey hostkey privatekeydata "
            + "privatekeypem privatekeyblob privatekeymaterial keymaterial sessionkey signingkey signingsecret encryptionkeymaterial keyblob pfx pfxblob pkcs12 "
            + "primaryaccesskey secondaryaccesskey adminkey instrumentationsecret hmackey ocpapimsubscriptionkey xfunctionskey workspacekey"),
        (NameKinds.Secret, RedactionRule.ConnectionString, "connstr connstring connectionuri databaseurl azurewebjobsstorage azurewebjobsdashboard sharedaccesssignature"),
        (NameKinds.Secret, RedactionRule.Signature, "xamzsignature xamzcredential xgoogsignature xgoogcredential xosssignature xosscredential"),
        (NameKinds.Header, RedactionRule.Authorization, "authorization proxyauthorization xmsauthorization xforwardedauthorization cookie setcookie xapikey"),
        (NameKinds.MaybeSecret, RedactionRule.Key, "primarykey secondarykey key1 key2 apikey subscriptionkey accesskeyvalue"),
        (NameKinds.MaybeSecret, RedactionRule.Token, "token credential credentials credentialvalue assertion jwt"),
        (NameKinds.SharedAccess | NameKinds.MaybeSecret, RedactionRule.Signature, "sig"),
        (NameKinds.Signature | NameKinds.MaybeSecret, RedactionRule.Signature, "signature"),
        (NameKinds.KeyName | NameKinds.Label | NameKinds.PairName, RedactionRule.Key, "keyname"),
        (NameKinds.Label | NameKinds.PairName, RedactionRule.Key, "name displayname parameterkey parametername settingname environmentvariable header headername"),
        (NameKinds.PairName, RedactionRule.Key, "key"),
        (NameKinds.Packed, RedactionRule.Unreadable, "database64"),
        (NameKinds.PairValue, RedactionRule.Key, "value parametervalue stringvalue settingvalue oldvalue newvalue headervalue"),
        (NameKinds.Label, RedactionRule.Key,
            "id arn type kid kind keyid accesskeyid secretid secretarn secretname secreturi secretversion keyvaultsecreturi tokenid tokentype versionid "
            + "version status state description metadata contenttype expiration expires expireson created createdate createdon updated enabled algorithm "
            + "tags scope region username login user valuefrom kmskeyid rotationenabled permissions keyvault reference sensitive"),
    ];

    /// <summary>Names that end like this, e.g. <c>masterUserPassword</c>.</summary>
    public static readonly (NameKinds Kinds, RedactionRule Rule, string Names)[] Endings =
    [
        (NameKinds.Secret, RedactionRule.Password, "password passwords passwd passphrase"),
        (NameKinds.Secret, RedactionRule.Secret, "clientsecret accesskeysecret secretaccesskey"),
        (NameKinds.Secret, RedactionRule.Token, "accesstoken refreshtoken idtoken sessiontoken securitytoken"),
        (NameKinds.Secret, RedactionRule.Key, "privatekey"),
        (NameKinds.Secret, RedactionRule.ConnectionString, "connectionstring connectionstrings"),
    ];
}
